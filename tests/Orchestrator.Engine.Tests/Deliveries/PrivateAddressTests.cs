using System.Net;
using Orchestrator.Engine.Deliveries.Webhook;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Deliveries;

public sealed class PrivateAddressTests
{
    [Theory]
    [InlineData("127.0.0.1"), InlineData("10.1.2.3"), InlineData("172.31.0.1"), InlineData("192.168.0.1"), InlineData("169.254.169.254"), InlineData("100.64.0.1"), InlineData("0.0.0.0"), InlineData("198.19.0.1")]
    [InlineData("192.0.0.8"), InlineData("192.0.2.7"), InlineData("192.88.99.1"), InlineData("198.51.100.1"), InlineData("203.0.113.9"), InlineData("224.0.0.1"), InlineData("240.0.0.1"), InlineData("255.255.255.255")]
    [InlineData("::"), InlineData("::1"), InlineData("::8.8.8.8"), InlineData("::ffff:10.0.0.1"), InlineData("::ffff:0:10.0.0.1"), InlineData("64:ff9b::8.8.8.8"), InlineData("64:ff9b:1::1"), InlineData("100::1")]
    [InlineData("2001::1"), InlineData("2001:10::1"), InlineData("2001:db8::1"), InlineData("2002::1"), InlineData("2002:808:808::1"), InlineData("3fff::1"), InlineData("fc00::1"), InlineData("fdff::1"), InlineData("fe80::1%2"), InlineData("fec0::1"), InlineData("ff02::1"), InlineData("4000::1")]
    public void These_are_private(string address) => PrivateAddresses.Include(IPAddress.Parse(address)).ShouldBeTrue();

    [Theory]
    [InlineData("8.8.8.8"), InlineData("1.1.1.1"), InlineData("172.32.0.1"), InlineData("100.128.0.1"), InlineData("223.255.255.255"), InlineData("::ffff:8.8.8.8")]
    [InlineData("2606:4700::1111"), InlineData("2a00:1450::1"), InlineData("2001:4860:4860::8888"), InlineData("2003::1")]
    public void These_are_the_worlds(string address) => PrivateAddresses.Include(IPAddress.Parse(address)).ShouldBeFalse();
}
