using Orchestrator.Core.Definitions;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Definitions;

public sealed class DefinitionStoreTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly WorkflowDefinition _workflow = Workflow.Named("a").Task("x", t => t.Run("echo")).Build();

    public void Dispose() => _folder.Dispose();

    private DefinitionStore Store() => new(new RunPaths(_folder.Path));

    private string FileOf(string version) => _folder.At($"definitions/{version}.json");

    [Fact]
    public void A_stored_definition_is_found_by_any_later_store()
    {
        var version = Store().Save(_workflow);
        version.ShouldBe(DefinitionJson.Version(_workflow));
        File.ReadAllBytes(FileOf(version)).ShouldBe(DefinitionJson.Write(_workflow));
        DefinitionJson.Version(Store().Find(version)!).ShouldBe(version);
    }

    [Fact]
    public void Many_threads_store_one_definition_once_and_leave_nothing_else_behind()
    {
        var store = Store();
        Parallel.For(0, 50, _ => store.Save(_workflow with { }));
        Directory.GetFiles(_folder.At("definitions")).Length.ShouldBe(1);
    }

    [Fact]
    public void A_damaged_file_is_never_trusted_and_mended_by_the_next_save()
    {
        var version = Store().Save(_workflow);
        File.WriteAllText(FileOf(version), "{}");
        Store().Find(version).ShouldBeNull();
        Store().Save(_workflow);
        Store().Find(version).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    public void What_is_no_version_or_not_here_is_not_found(string version) => Store().Find(version).ShouldBeNull();
}
