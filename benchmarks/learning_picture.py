def drawn(*a):
    pass
