"""rankfirst beside other packages: the same rows, encoder, threads and clock for each."""
