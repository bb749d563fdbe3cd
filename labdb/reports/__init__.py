"""Reports: one file per report, its template beside it, and the plots they and `labdb trend` share.

Templates only lay out; what is printed is put into words in Python, so that PDF and HTML say the same.
"""
