using System.Text.Json;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Tests.Definitions;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Planning;

/// <summary>Values in addresses are encoded for their place.</summary>
public sealed class UrlTests
{
    private static string Rendered(string url, string value)
    {
        var workflow = Yaml.Valid($"name: a\nparams: {{v: ''}}\ntasks: [{{id: x, http: '{url.Replace("'", "''", StringComparison.Ordinal)}'}}]");
        var scope = new ExpressionScope { Run = new("r", "w", "t", DateTimeOffset.UnixEpoch, "manual"), Params = new Dictionary<string, JsonElement> { ["v"] = JsonSerializer.SerializeToElement(value) } };
        return TaskTemplates.Of(workflow, workflow.Tasks[0]).Render(scope).Http!.Url;
    }

    [Theory]
    [InlineData("https://h/p?q=${{ params.v }}", "x&admin=1#f", "https://h/p?q=x%26admin%3D1%23f")]
    [InlineData("https://h?q=${{ params.v }}", "a b+c", "https://h?q=a%20b%2Bc")]
    [InlineData("https://h/${{ params.v }}/x", "a/../b?c", "https://h/a%2F..%2Fb%3Fc/x")]
    [InlineData("https://h/a#${{ params.v }}", "b c", "https://h/a#b%20c")]
    [InlineData("https://h/v-${{ params.v }}", "ü", "https://h/v-%C3%BC")]
    [InlineData("https://h/p?q=${{ params.v }}", "2026-01-01", "https://h/p?q=2026-01-01")]
    [InlineData("https://h/${{ raw(params.v) }}", "a/b?c=d", "https://h/a/b?c=d")]
    [InlineData("https://h/${{ raw(params.v) }}&e=${{ params.v }}", "a?b=c", "https://h/a?b=c&e=a%3Fb%3Dc")]
    [InlineData("https://h/${{ url_encode(params.v) }}", "a b", "https://h/a%20b")]
    [InlineData("${{ params.v }}", "https://h/a?b=c&d", "https://h/a?b=c&d")]
    [InlineData("${{ params.v }}/x?y=${{ params.v }}", "https://h", "https://h/x?y=https://h")]
    [InlineData("https://${{ params.v }}:8080/x", "h.example", "https://h.example:8080/x")]
    [InlineData("https://h/p?q=${{ [1, params.v] }}", "a", "https://h/p?q=%5B1%2C%22a%22%5D")]
    public void A_value_after_a_host_that_is_written_out_is_encoded_for_its_place(string url, string value, string expected) => Rendered(url, value).ShouldBe(expected);

    [Theory]
    [InlineData("https://${{ params.v }}/x", "evil.example/?")]
    [InlineData("https://${{ params.v }}.example/x", "user@evil")]
    [InlineData("https://h/${{ params.v }}/x", "..")]
    [InlineData("https://h/a/${{ params.v }}", ".")]
    public void A_value_that_would_lead_elsewhere_is_refused(string url, string value) => Should.Throw<ExpressionException>(() => Rendered(url, value)).Message.ShouldContain("raw(...)");
}
