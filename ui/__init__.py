"""The app: pages over components over services. Nothing here computes or stores."""

VERSION = "0.1.0"
