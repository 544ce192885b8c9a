"""Charts (图): small exact drawings as SVG."""
