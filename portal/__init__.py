"""The Business Texting Portal."""
