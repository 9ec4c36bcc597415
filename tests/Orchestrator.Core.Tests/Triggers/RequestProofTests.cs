using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Triggers;
using Orchestrator.Core.Triggers.Http;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Triggers;

public sealed class RequestProofTests
{
    private const string Secret = "It's a Secret to Everybody";
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    [Fact]
    public void The_example_of_GitHubs_documentation_is_taken() =>
        Of(TriggerAuth.Github, "Hello, World!", ("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")).ShouldBeNull();

    [Theory]
    [InlineData("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e16")]
    [InlineData("sha256=757107ea")]
    [InlineData("sha256=")]
    [InlineData("sha1=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    [InlineData("757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    [InlineData("sha256=zz7107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    [InlineData("")]
    [InlineData(null)]
    public void Another_signature_of_the_body_is_not(string? signature) =>
        Of(TriggerAuth.Github, "Hello, World!", ("X-Hub-Signature-256", signature)).ShouldBe(RejectReasons.Signature);

    [Fact]
    public void A_signature_of_another_body_is_not() => Of(TriggerAuth.Github, "Hello, World?", ("X-Hub-Signature-256", Sign("Hello, World!"))).ShouldBe(RejectReasons.Signature);

    [Theory]
    [InlineData(0, null)]
    [InlineData(-299, null)]
    [InlineData(299, null)]
    [InlineData(-301, RejectReasons.Window)]
    [InlineData(301, RejectReasons.Window)]
    [InlineData(-86_400, RejectReasons.Window)]
    public void A_signed_time_must_be_within_its_window(int off, string? reason)
    {
        var time = Seconds(off);
        Of(TriggerAuth.Hmac, "{}", ("X-Orchestrator-Timestamp", time), ("X-Orchestrator-Signature", Sign($"{time}.{{}}"))).ShouldBe(reason);
        Of(TriggerAuth.Stripe, "{}", ("Stripe-Signature", $"t={time},v1={Sign($"{time}.{{}}")[7..]}")).ShouldBe(reason);
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("-5")]
    [InlineData("1e9")]
    [InlineData("99999999999999999999")]
    [InlineData("")]
    public void A_time_that_is_none_is_refused_though_it_is_signed(string time)
    {
        Of(TriggerAuth.Hmac, "{}", ("X-Orchestrator-Timestamp", time), ("X-Orchestrator-Signature", Sign($"{time}.{{}}"))).ShouldBe(RejectReasons.Signature);
        Of(TriggerAuth.Stripe, "{}", ("Stripe-Signature", $"t={time},v1={Sign($"{time}.{{}}")[7..]}")).ShouldBe(RejectReasons.Signature);
    }

    [Fact]
    public void A_time_that_was_changed_after_it_was_signed_is_refused_as_a_wrong_signature()
    {
        Of(TriggerAuth.Hmac, "{}", ("X-Orchestrator-Timestamp", Seconds(0)), ("X-Orchestrator-Signature", Sign($"{Seconds(-9000)}.{{}}"))).ShouldBe(RejectReasons.Signature);
        Of(TriggerAuth.Stripe, "{}", ("Stripe-Signature", $"t={Seconds(0)},v1={Sign($"{Seconds(-9000)}.{{}}")[7..]}")).ShouldBe(RejectReasons.Signature);
    }

    [Fact]
    public void One_of_several_signatures_is_enough_while_a_secret_is_changed()
    {
        var (time, right) = (Seconds(0), Sign($"{Seconds(0)}.{{}}")[7..]);
        Of(TriggerAuth.Stripe, "{}", ("Stripe-Signature", $"t={time},v1={new string('0', 64)},v1={right},v0=old")).ShouldBeNull();
        Of(TriggerAuth.Stripe, "{}", ("Stripe-Signature", $"t={time},v0={right}")).ShouldBe(RejectReasons.Signature);
        Of(TriggerAuth.Stripe, "{}", ("Stripe-Signature", $"v1={right}")).ShouldBe(RejectReasons.Signature);
    }

    [Theory]
    [InlineData("Bearer It's a Secret to Everybody", null)]
    [InlineData("bearer It's a Secret to Everybody", null)]
    [InlineData("It's a Secret to Everybody", RejectReasons.Signature)]
    [InlineData("Bearer It's a Secret", RejectReasons.Signature)]
    [InlineData("Bearer ", RejectReasons.Signature)]
    [InlineData(null, RejectReasons.Signature)]
    public void A_token_is_taken_whole(string? authorization, string? reason) => Of(TriggerAuth.Token, "{}", ("Authorization", authorization)).ShouldBe(reason);

    [Fact]
    public void A_token_may_have_a_header_of_its_own()
    {
        var http = new HttpTrigger { Auth = TriggerAuth.Token, Secret = "S", Header = "X-Gitlab-Token" };
        RequestProof.Of(http, Request("{}", ("X-Gitlab-Token", Secret)), Secret, Now).Reason.ShouldBeNull();
        RequestProof.Of(http, Request("{}", ("Authorization", "Bearer " + Secret)), Secret, Now).Reason.ShouldBe(RejectReasons.Signature);
    }

    [Theory]
    [InlineData(TriggerAuth.Hmac)]
    [InlineData(TriggerAuth.Github)]
    [InlineData(TriggerAuth.Stripe)]
    [InlineData(TriggerAuth.Token)]
    public void An_empty_secret_proves_nothing(TriggerAuth auth) =>
        RequestProof.Of(new() { Auth = auth, Secret = "S" }, Request("{}", ("Authorization", "Bearer ")), "", Now).Reason.ShouldBe(RejectReasons.NoSecret);

    [Fact]
    public void What_is_wrong_is_said_without_the_secret_or_the_signature()
    {
        foreach (var auth in Enum.GetValues<TriggerAuth>())
        {
            var proof = RequestProof.Of(new() { Auth = auth, Secret = "S" },
                Request("{}", ("Authorization", "Bearer hunter2"), ("X-Hub-Signature-256", "sha256=hunter2"), ("Stripe-Signature", "t=1,v1=hunter2"), ("X-Orchestrator-Timestamp", "1"), ("X-Orchestrator-Signature", "hunter2")), Secret, Now);
            proof.Error.ShouldNotBeNull();
            proof.Error.ShouldNotContain("hunter2");
            proof.Error.ShouldNotContain(Secret);
        }
    }

    [Fact]
    public void The_delivery_has_the_senders_id_or_one_made_of_what_is_signed()
    {
        HttpTrigger By(TriggerAuth auth) => new() { Auth = auth, Secret = "S" };
        RequestProof.DeliveryId(By(TriggerAuth.Github), Request("{}", ("X-GitHub-Delivery", "d-1"))).ShouldBe("d-1");
        RequestProof.DeliveryId(By(TriggerAuth.Stripe), Request("""{"id":"evt_1"}""")).ShouldBe("evt_1");
        RequestProof.DeliveryId(By(TriggerAuth.Hmac), Request("{}", ("X-Orchestrator-Delivery", "d-2"))).ShouldBe("d-2");
        RequestProof.DeliveryId(By(TriggerAuth.Token), Request("{}", ("Idempotency-Key", "d-3"))).ShouldBe("d-3");
        RequestProof.DeliveryId(By(TriggerAuth.Token), Request("{}")).ShouldBeNull();
        var one = RequestProof.DeliveryId(By(TriggerAuth.Hmac), Request("{}", ("X-Orchestrator-Timestamp", "1")));
        one.ShouldNotBeNull().ShouldBe(RequestProof.DeliveryId(By(TriggerAuth.Hmac), Request("{}", ("X-Orchestrator-Timestamp", "1"))));
        one.ShouldNotBe(RequestProof.DeliveryId(By(TriggerAuth.Hmac), Request("{}", ("X-Orchestrator-Timestamp", "2"))));
        RequestProof.DeliveryId(By(TriggerAuth.Github), Request("{}", ("X-GitHub-Delivery", "a\tb"))).ShouldStartWith("sha256:");
        RequestProof.DeliveryId(By(TriggerAuth.Github), Request("{}", ("X-GitHub-Delivery", new string('x', 201)))).ShouldStartWith("sha256:");
    }

    private static string? Of(TriggerAuth auth, string body, params (string Name, string? Value)[] headers) =>
        RequestProof.Of(new() { Auth = auth, Secret = "S" }, Request(body, headers), Secret, Now).Reason;

    private static HttpRequestFacts Request(string body, params (string Name, string? Value)[] headers) =>
        new(headers.Where(h => h.Value is not null).ToDictionary(h => h.Name.ToLowerInvariant(), h => h.Value!, StringComparer.Ordinal), Encoding.UTF8.GetBytes(body));

    private static string Sign(string what) => "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(what)));

    private static string Seconds(int off) => (Now.ToUnixTimeSeconds() + off).ToString(CultureInfo.InvariantCulture);
}
