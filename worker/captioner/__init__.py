"""The captioning worker: boots, takes requests, keeps the loaded model, answers."""
