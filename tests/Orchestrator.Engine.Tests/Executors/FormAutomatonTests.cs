using System.Text;
using Orchestrator.Engine.Secrets;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors;

/// <summary>What is skipped of a text holds nothing: the finds are those of a search that looks at every place.</summary>
public sealed class FormAutomatonTests
{
    // Nothing that is an escape or a digit of base64 or hexadecimal.
    private const string Alphabet = "#@~^;|<>";

    [Theory]
    [InlineData(2, 4, 6), InlineData(3, 4, 30), InlineData(8, 4, 70), InlineData(8, 20, 40), InlineData(4, 70, 200)]
    public void A_stream_is_masked_as_by_looking_at_every_place(int letters, int shortest, int longest)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            string[] secrets = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => Text(random, letters, random.Next(shortest, longest + 1)))];
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(3) switch
            {
                0 => secrets[random.Next(secrets.Length)],
                1 => secrets[random.Next(secrets.Length)][..random.Next(shortest)],
                _ => Text(random, letters, random.Next(100)),
            }));
            Masked(random, SecretPatterns.Of(secrets)!, text).ShouldBe(Expected(secrets, text), $"seed {seed}");
        }
    }

    [Fact]
    public void Encoded_forms_are_found_wherever_they_stand_in_a_text()
    {
        string[] secrets = ["tok-Quicksilver/42", "another+Secret=of%mine"];
        var patterns = SecretPatterns.Of(secrets)!;
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var secret = Encoding.UTF8.GetBytes(secrets[seed % 2]);
            var form = (seed % 3) switch
            {
                0 => Convert.ToBase64String([.. "0123"u8[..random.Next(4)], .. secret]),
                1 => Convert.ToHexString(secret),
                _ => string.Join(random.Next(2) == 0 ? " " : ":", secret.Select(b => b.ToString("x2", System.Globalization.CultureInfo.InvariantCulture))),
            };
            var text = $"{Prose(random)} {form} {Prose(random)}";
            Masked(random, patterns, text).ShouldNotContain(form.Substring(form.Length / 3, form.Length / 3), Case.Sensitive, $"seed {seed}");
        }
    }

    private static string Prose(Random random) => string.Join(' ', Enumerable.Range(0, random.Next(60)).Select(_ => (string[])["loaded", "2026-11-30", "12:01:07", "a", "face", "of", "rows,", "cafe\n", "deadbeef", "(9)"]).Select(w => w[random.Next(w.Length)]));

    private static string Text(Random random, int letters, int length) => string.Concat(Enumerable.Range(0, length).Select(_ => Alphabet[random.Next(letters)]));

    private static string Masked(Random random, SecretPatterns patterns, string text)
    {
        var masker = new SecretMasker(patterns);
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(random.Next(1, 90), bytes.Length - at);
            masker.Write(bytes.AsSpan(at, length), output);
            at += length;
        }
        masker.Complete(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Expected(string[] secrets, string text)
    {
        var finds = new List<(int From, int To)>();
        foreach (var secret in secrets)
            for (var at = text.IndexOf(secret, StringComparison.Ordinal); at >= 0; at = text.IndexOf(secret, at + 1, StringComparison.Ordinal)) finds.Add((at, at + secret.Length));
        var (result, end) = (new StringBuilder(), 0);
        var last = -1;
        foreach (var (from, to) in finds.Order())
        {
            if (from > end) result.Append(text, end, from - end);
            if (from > last) result.Append("***");
            (end, last) = (Math.Max(end, to), Math.Max(last, to));
        }
        return result.Append(text, end, text.Length - end).ToString();
    }
}
