"""The second step of signing in: a code after the password. There where django-otp is installed."""
