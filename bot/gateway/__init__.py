"""The gateway: who is it, what is allowed, into the inbox, to the worker, and back to the customer.

It is the only writer of product data. Nothing here imports Rasa, TensorFlow or torch: it starts within two seconds.
"""
