using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using Orchestrator.Core;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors.Http;

/// <summary>A body is what its headers say, or the task fails and says so.</summary>
public sealed class HttpTextTests
{
    private const string Text = "Grüße – 5 €";

    [Theory]
    [InlineData("windows-1252")]
    [InlineData("Windows-1252")]
    [InlineData("\"utf-8\"")]
    [InlineData("utf8")]
    [InlineData("iso-8859-15")]
    [InlineData("utf-16")]
    [InlineData("utf-16be")]
    [InlineData("gb18030")]
    [InlineData(null)]
    public async Task A_body_is_decoded_by_its_charset(string? charset)
    {
        var plain = charset == "iso-8859-15" ? "Grüße 5 €" : Text;
        var name = charset?.Trim('"').Replace("utf8", "utf-8", StringComparison.Ordinal) ?? "utf-8";
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        (await BodyAsync(encoding.GetBytes(plain), charset)).ShouldBe(plain);
    }

    [Theory]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, 65 }, "A")]
    [InlineData(new byte[] { 0xFF, 0xFE, 65, 0 }, "A")]
    [InlineData(new byte[] { 0xFE, 0xFF, 0, 65 }, "A")]
    public async Task A_byte_order_mark_says_it_where_nothing_else_does(byte[] body, string expected) => (await BodyAsync(body, null)).ShouldBe(expected);

    [Fact]
    public async Task JSON_in_another_charset_is_JSON()
    {
        await using var scene = await Answering(Encoding.Latin1.GetBytes("{\"city\": \"Köln\"}"), "application/json; charset=iso-8859-1");
        (await scene.OutputsAsync(scene.Get()))["body"].GetProperty("city").GetString().ShouldBe("Köln");
    }

    [Theory]
    [InlineData(new byte[] { 65, 66, 0xFF, 67 }, "text/plain", "not UTF-8: the byte at offset 2")]
    [InlineData(new byte[] { 65, 66, 0xC3 }, "text/plain; charset=utf-8", "offset 2")]
    [InlineData(new byte[] { 0x89, 0x50, 0x4E, 0x47 }, "image/png", "`http.save`")]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, 0xFF }, "text/plain", "offset 3")]
    [InlineData(new byte[] { 65, 0x80 }, "text/plain; charset=us-ascii", "not us-ascii: the byte at offset 1")]
    [InlineData(new byte[] { 65, 0x81 }, "text/plain; charset=shift_jis", "not shift_jis")]
    [InlineData(new byte[] { 65 }, "text/plain; charset=klingon", "`charset=klingon`, which is not known")]
    [InlineData(new byte[] { 65 }, "text/plain; charset=utf-7", "utf-7")]
    [InlineData(new byte[] { 123, 125, 0xFF }, "application/json", "not UTF-8")]
    public async Task What_cannot_be_decoded_is_a_failure_and_not_replaced(byte[] body, string type, string named)
    {
        await using var scene = await Answering(body, type);
        var failed = await scene.FailAsync(scene.Get());
        (failed.Kind, failed.Retryable).ShouldBe((FailureKind.Error, false));
        failed.Message.ShouldContain(named);
    }

    [Theory]
    [InlineData(65)]
    [InlineData(5_000)]
    public async Task JSON_that_is_too_deep_is_named(int depth)
    {
        await using var scene = await HttpScene.AnsweringAsync(200, new string('[', depth) + new string(']', depth), "application/json");
        var failed = await scene.FailAsync(scene.Get());
        (failed.Kind, failed.Message).ShouldBe((FailureKind.OutputLimit, "The value of output 'body' is nested more than 64 levels deep."));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("raw deflate")]
    [InlineData("identity")]
    [InlineData("gzip, br")]
    public async Task Codings_are_unpacked(string coding)
    {
        var body = coding.Replace("raw ", "", StringComparison.Ordinal).Split(", ").Aggregate(Encoding.UTF8.GetBytes(Text), (b, c) => Pack(coding == "raw deflate" ? "raw" : c, b));
        await using var scene = await Answering(body, "text/plain", coding.Replace("raw ", "", StringComparison.Ordinal));
        (await scene.OutputsAsync(scene.Get()))["body"].GetString().ShouldBe(Text);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("zstd")]
    public async Task A_coding_that_is_none_is_named(string coding)
    {
        await using var scene = await Answering(Encoding.UTF8.GetBytes("this is no such thing at all"), "text/plain", coding);
        var failed = await scene.FailAsync(scene.Get());
        failed.Kind.ShouldBe(FailureKind.Error);
        failed.Message.ShouldStartWith($"The answer says `Content-Encoding: {coding}`, ");
    }

    [Fact]
    public async Task Bytes_of_an_unknown_coding_can_be_saved_and_wrong_ones_of_a_known_one_leave_nothing()
    {
        await using var scene = await HttpScene.StartAsync(async c =>
        {
            c.Response.Headers.ContentEncoding = c.Request.Path.Value![1..];
            await c.Response.Body.WriteAsync("bytes"u8.ToArray());
        });
        (await scene.OutputsAsync(scene.Call(new(""), new(scene.Site.Url + "/zstd") { Save = "a.zst" })))["bytes"].GetInt32().ShouldBe(5);
        (await scene.FailAsync(scene.Call(new(""), new(scene.Site.Url + "/gzip") { Save = "b.gz" }))).Message.ShouldContain("its body is not gzip");
        Directory.GetFiles(Path.Combine(scene.RunDirectory, "artifacts")).Select(Path.GetFileName).ShouldBe(["a.zst"]);
    }

    [Theory]
    [InlineData(null, "gzip, deflate, br")]
    [InlineData("identity", "identity")]
    [InlineData("br;q=1.0, *;q=0", "br;q=1.0, *;q=0")]
    public async Task Accept_Encoding_is_sent_as_written(string? written, string sent)
    {
        await using var scene = await HttpScene.AnsweringAsync(200);
        var headers = ImmutableSortedDictionary<string, string>.Empty;
        await scene.OutputsAsync(scene.Call(new(""), new(scene.Site.Url) { Headers = written is null ? headers : headers.Add("Accept-Encoding", written) }));
        scene.Site.Last.Headers["Accept-Encoding"].ShouldBe(sent);
    }

    [Theory]
    [InlineData("caf\u00e9", "U+00E9")]
    [InlineData("a\u0001b", "U+0001")]
    [InlineData("a\nX-Evil: 1", "line break")]
    public async Task A_header_that_cannot_be_sent_is_refused_by_name(string value, string named)
    {
        await using var scene = await HttpScene.AnsweringAsync(200);
        var failed = await scene.FailAsync(scene.Call(new(""), new(scene.Site.Url) { Headers = ImmutableSortedDictionary<string, string>.Empty.Add("X-Name", value) }));
        (failed.Retryable, failed.Message.Contains("'X-Name'", StringComparison.Ordinal), failed.Message.Contains(named, StringComparison.Ordinal)).ShouldBe((false, true, true), failed.Message);
        scene.Site.Seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("120", 120d)]
    [InlineData("0", null)]
    [InlineData("99999999999999999999", double.MaxValue)]
    [InlineData("86400000000", 86_400_000_000d)]
    [InlineData("soon", null)]
    [InlineData("Tue, 31 Dec 2999 23:59:59 GMT", 1_000_000_000d)]
    public async Task Retry_After_is_read_whatever_its_size(string value, double? atLeast)
    {
        await using var scene = await HttpScene.StartAsync(c => { c.Response.StatusCode = 503; c.Response.Headers.RetryAfter = value; return Task.CompletedTask; });
        var after = (await scene.FailAsync(scene.Get())).RetryAfter;
        if (atLeast is { } least) after!.Value.TotalSeconds.ShouldBeGreaterThanOrEqualTo(Math.Min(least, TimeSpan.MaxValue.TotalSeconds - 1));
        else after.ShouldBeNull();
    }

    private static async Task<string?> BodyAsync(byte[] body, string? charset)
    {
        await using var scene = await Answering(body, charset is null ? "text/plain" : $"text/plain; charset={charset}");
        return (await scene.OutputsAsync(scene.Get()))["body"].GetString();
    }

    private static Task<HttpScene> Answering(byte[] body, string type, string? coding = null) => HttpScene.StartAsync(async c =>
    {
        c.Response.ContentType = type;
        if (coding is not null) c.Response.Headers.ContentEncoding = coding;
        await c.Response.Body.WriteAsync(body);
    });

    private static byte[] Pack(string coding, byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (Stream into = coding switch
        {
            "br" => new BrotliStream(packed, CompressionMode.Compress, leaveOpen: true),
            "deflate" => new ZLibStream(packed, CompressionMode.Compress, leaveOpen: true),
            "raw" => new DeflateStream(packed, CompressionMode.Compress, leaveOpen: true),
            "identity" => new BufferedStream(packed),
            _ => new GZipStream(packed, CompressionMode.Compress, leaveOpen: true),
        })
        {
            into.Write(bytes);
            into.Flush();
            if (coding == "identity") return packed.ToArray();
        }
        return packed.ToArray();
    }
}
