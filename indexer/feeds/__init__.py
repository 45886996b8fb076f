"""Product feeds: a file of a shop's articles, read row by row as pure values.

`encoding` knows how its text is written, `delimited`, `jsonlines`, `workbook` and `markup` each one
format, `columns` what columns are called, `items` what a row says, `pictures` which files it names.
"""
