using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests;

public sealed class InstallationTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("orc-installation-");

    public void Dispose() => _data.Delete(recursive: true);

    private string IdNow() => new Installation(() => new(_data.FullName)).Id;

    [Fact]
    public void The_id_is_made_once_and_stays()
    {
        var id = IdNow();
        Guid.TryParseExact(id, "D", out _).ShouldBeTrue();
        IdNow().ShouldBe(id);
        File.ReadAllText(Path.Combine(_data.FullName, "installation")).ShouldBe(id + "\n");
        _data.EnumerateFiles().ShouldHaveSingleItem();
    }

    [Fact]
    public void Where_the_file_cannot_be_made_preparing_it_stops_nothing()
    {
        var nowhere = new Installation(() => new(Path.Combine(_data.FullName, "missing")));
        nowhere.Prepare();
        Should.Throw<IOException>(() => nowhere.Id);
        Directory.CreateDirectory(Path.Combine(_data.FullName, "missing"));
        nowhere.Id.Length.ShouldBe(36);
    }

    [Theory, InlineData(""), InlineData("mine"), InlineData("{9cd4e0c8-8d4c-4be2-9d2c-6f4d6fdb4b5a}")]
    public void Anything_else_in_the_file_is_an_error_that_says_what_to_do(string text)
    {
        var file = Path.Combine(_data.FullName, "installation");
        File.WriteAllText(file, text);
        Should.Throw<IOException>(IdNow).Message.ShouldStartWith($"{file} does not hold the installation's id (a UUID). Restore it from a backup, or remove it");
        File.ReadAllText(file).ShouldBe(text);
    }
}
