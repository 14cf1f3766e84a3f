import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from storage.database import open_database, transaction
from storage.migration import downgrade, migrate
from storage.tables import metadata, participants


def tables_in(engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names()) - {"alembic_version"}


def test_migrations_make_exactly_the_tables(database):
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    assert tables_in(database) == set(metadata.tables)


def test_unique_constraints_agree_with_the_tables(database):
    # Alembic does not compare the columns of a primary key; names of unique constraints matter for errors.
    inspector = sa.inspect(database)
    for table in metadata.tables.values():
        assert inspector.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key]
        wanted = {
            tuple(c.name for c in constraint.columns)
            for constraint in table.constraints
            if isinstance(constraint, sa.UniqueConstraint)
        }
        found = {tuple(one["column_names"]) for one in inspector.get_unique_constraints(table.name)}
        assert found == wanted, table.name


def test_migrating_again_keeps_the_data(database, database_url):
    with transaction(database) as conn:
        conn.execute(participants.insert().values(id="v_1", created_at=1.0))
    migrate(database_url)
    with database.connect() as conn:
        assert conn.execute(sa.select(participants.c.id)).scalars().all() == ["v_1"]


def test_back_to_base_and_forward(database, database_url):
    downgrade(database_url, revision="base")
    assert tables_in(database) == set()
    migrate(database_url)
    assert tables_in(database) == set(metadata.tables)


def test_failed_migration_leaves_nothing_behind(database_url):
    engine = open_database(database_url)
    with transaction(engine) as conn:
        participants.create(conn)
    with pytest.raises(sa.exc.DBAPIError):
        migrate(database_url)
    assert tables_in(engine) == {"participants"}
    engine.dispose()


def test_unknown_backend_is_refused():
    with pytest.raises(ValueError, match="mysql"):
        migrate("mysql://127.0.0.1/x")
