"""Tables of text cells -> typed logs, catalogues and profiles: columns, codes, rejected rows."""
