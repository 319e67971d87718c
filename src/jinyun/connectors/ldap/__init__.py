"""A company directory that speaks LDAP: OpenLDAP, Active Directory. Needs python-ldap (see `registry`)."""
