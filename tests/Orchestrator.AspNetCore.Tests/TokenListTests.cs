using System.Security.Cryptography;
using System.Text;
using Orchestrator.AspNetCore.Access;
using Orchestrator.Engine.Hosting.Options;

namespace Orchestrator.AspNetCore.Tests;

public sealed class TokenListTests : IDisposable
{
    private readonly Sandbox _box = new();

    [Fact]
    public void Tokens_are_known_by_their_hash_and_have_a_name()
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("secret")));
        var tokens = TokenList.Read(_box.Write("tokens", $"# who\n{hash} deploy bot # note\n"));
        tokens.NameOf("secret").ShouldBe("deploy bot");
        tokens.NameOf("Secret").ShouldBeNull();
        tokens.NameOf(hash).ShouldBeNull();
    }

    [Theory]
    [InlineData("secret\n", ":1:")]
    [InlineData("# nothing\n", "no token")]
    public void A_file_without_usable_tokens_is_refused(string text, string because) =>
        Should.Throw<OptionsException>(() => TokenList.Read(_box.Write("tokens", text))).Message.ShouldContain(because);

    public void Dispose() => _box.Dispose();
}
