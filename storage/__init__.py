"""The lowest floor: database engine, tables, migrations, and every statement that touches them.

Rooms above call the functions of these modules and never import SQLAlchemy themselves.
Each function takes its connection (or session) as the first argument, so that the caller
decides what belongs to one transaction.
"""
