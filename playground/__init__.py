"""The playground: models, samplers and the page that lets a visitor play with them."""
