ALL = ["Ada", "Grace"]
