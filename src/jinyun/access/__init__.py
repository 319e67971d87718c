"""Signing in, roles, and the one question: may he do this?"""
