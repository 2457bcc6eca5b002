"""The post-purchase experience for Django shops, from the thank-you page on."""

__version__ = "0.1.0.dev0"
