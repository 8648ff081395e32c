"""Captions from files or pixels: the class Captioner and what it is made of."""
