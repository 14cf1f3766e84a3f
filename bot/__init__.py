"""The running product: settings, command line, Rasa components, engine, gateway, training and web pages."""
