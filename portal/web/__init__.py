"""What every page and every answer needs: `doors` first, then the page or the part, at last the `headers`."""
