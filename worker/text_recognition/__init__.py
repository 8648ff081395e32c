"""Reading the words in a picture: Tesseract in a worker of its own."""
