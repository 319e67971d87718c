"""Where infrastructure is: regions with their zones, pools and hosts, and how to reach them."""
