"""What can be wrong with a log before its rows are read.

    LogError (ValueError)
    ├── LogNameError           the name cannot be a file name, or no log of that name is there
    ├── LogFileError           the file is missing, not a file, or of an unknown kind
    ├── LogColumnError         the column mapping names a field or a column that does not exist
    └── StoredLogError         an imported log on disk cannot be read back

A bad row is never an error: it is counted, and written aside with its reason.
"""


class LogError(ValueError):
    """Base of everything that stops an import."""


class LogNameError(LogError):
    """The log's name is not made of letters, digits, `-`, `_` or Chinese characters, or names no log that is there."""


class LogFileError(LogError):
    """The source does not exist, is not a file, or has an extension that no reader knows."""


class LogColumnError(LogError):
    """A mapping key is no field of ours, or a mapped column is not in the file."""


class StoredLogError(LogError):
    """A line of an imported log is not what the importer wrote."""
