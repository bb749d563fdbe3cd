"""Where the record comes from: changes, audit, raw files, intake runs, statements."""
