using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Engine.Executors.Secrets;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors;

public sealed class SecretMaskerTests
{
    [Fact]
    public void Whatever_the_chunks_the_result_is_that_of_a_naive_search() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new System.Random(seed);
            string Letters(int n) => new([.. Enumerable.Range(0, n).Select(_ => "abc"[random.Next(3)])]);
            var secrets = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Letters(random.Next(1, 9))).ToList();
            var forms = secrets.SelectMany(SecretForms.Of).ToList();
            var text = new List<byte>();
            for (var i = 0; i < 12; i++) text.AddRange(random.Next(2) == 0 ? Encoding.UTF8.GetBytes(Letters(random.Next(6))) : forms[random.Next(forms.Count)]);

            var output = new ArrayBufferWriter<byte>();
            var masker = new SecretMasker(SecretPatterns.Of(secrets)!);
            for (var at = 0; at < text.Count;)
            {
                var n = Math.Min(random.Next(1, 5), text.Count - at);
                masker.Write(text.GetRange(at, n).ToArray(), output);
                at += n;
            }
            masker.Complete(output);
            var masked = Encoding.UTF8.GetString(output.WrittenSpan);
            masked.ShouldBe(Naive(text, forms));
            forms.ShouldAllBe(f => !masked.Contains(Encoding.UTF8.GetString(f), StringComparison.Ordinal));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void What_cannot_become_a_secret_is_not_held_back()
    {
        var output = new ArrayBufferWriter<byte>();
        var masker = new SecretMasker(SecretPatterns.Of(["hunter22"])!);
        masker.Write("Password: h"u8, output);
        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe("Password: ");
        masker.Write("!"u8, output);
        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe("Password: h!");
    }

    [Fact]
    public void No_secrets_mean_nothing_to_look_for()
    {
        SecretPatterns.Of([]).ShouldBeNull();
        SecretPatterns.Of([""]).ShouldBeNull();
        SecretPatterns.Of(["abc"], SecretForms.ShortestDistinctive).ShouldBeNull();
    }

    private static string Naive(List<byte> text, List<byte[]> forms)
    {
        var hit = new bool[text.Count];
        foreach (var form in forms)
            for (var i = 0; i + form.Length <= text.Count; i++)
                if (form.Select((b, k) => text[i + k] == b).All(same => same)) Array.Fill(hit, true, i, form.Length);
        var result = new StringBuilder();
        for (var i = 0; i < text.Count; i++)
            if (!hit[i]) result.Append((char)text[i]);
            else if (i == 0 || !hit[i - 1]) result.Append("***");
        return result.ToString();
    }
}
