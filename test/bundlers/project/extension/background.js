// There for the test to learn the extension's address of.
