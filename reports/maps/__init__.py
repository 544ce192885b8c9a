"""Maps (地图): shapes, legends, scale bars, without a basemap."""
