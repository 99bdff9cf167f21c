from hotline.ivr import Flow

flow = Flow.load("examples/city_hotline/data/flows/12345.yaml")
print(f"{flow.title}: {len(flow)} nodes, {len(flow.check())} warnings")

call = flow.call("2", "2", say="The street lamp is broken")  # automatic service, complaint by recording
call.keys("1")  # confirm
print("the acceptance number is spoken:", call.hears("受理号"))
for line in call.transcript:
    print(f"{line.at:6.1f} s  {line.who:8} {line.text}")
