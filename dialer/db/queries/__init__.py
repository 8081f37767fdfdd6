"""Every line of SQL, by what it is about. A query takes a transaction and never begins or ends one."""
