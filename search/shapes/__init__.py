"""The shapes of our JSON: each is a type, and beside it the function that writes it from a record.

The API, the command line and `pomona` show what these functions give; the OpenAPI document is made
from the same types. Paths are relative to their root unless `absolute` is asked for, as on the
command line. A further field is a line in a type and one in its writer, in one file.
"""
