"""The inner door: who asks, and what each page and call of the API asks of them."""
