"""What this program draws itself: strokes of the canvas, palettes, ten digits, flowers, facades, and pictures painted from them."""
