using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Definitions;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Definitions;

public sealed class LiveDefinitionsTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly HandClock _clock = new();
    private readonly WorkflowCatalog _catalog = new();
    private readonly List<(string Origin, ImmutableArray<Problem> Problems)> _rejected = [];

    public void Dispose() => _folder.Dispose();

    private LiveDefinitions Live(IConfiguration? configuration = null) =>
        new(_catalog, [_folder.Path], configuration, null, _clock, NullLogger<LiveDefinitions>.Instance, (o, p) => _rejected.Add((o, p)));

    private string Names => string.Join(' ', _catalog.Current.Workflows.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public async Task One_bad_file_hides_no_other_and_is_told_once()
    {
        _folder.Workflow("a.yaml", "a");
        _folder.Workflow("deep/down/b.yml", "b");
        var bad = _folder.Write("bad.yaml", "name: [");
        _folder.Workflow(".hidden/c.yaml", "c");
        _folder.Workflow("d.txt", "d");
        await using var live = Live();
        live.Load();
        live.Load();
        Names.ShouldBe("a b");
        _catalog.Find("a")!.BaseDir.ShouldBe(_folder.Path);
        _catalog.Current.Problems.Keys.ShouldBe([bad]);
        _rejected.ShouldHaveSingleItem().Origin.ShouldBe(bad);
    }

    [Fact]
    public async Task The_last_good_version_stays_in_force_until_the_file_is_good_again_or_gone()
    {
        _folder.Workflow("a.yaml", "a", "one");
        await using var live = Live();
        live.Load();
        var first = _catalog.Current.Workflows["a"].Version;

        _folder.Write("a.yaml", "name: a\ntasks: 5\n");
        live.Load();
        _catalog.Current.Workflows["a"].Version.ShouldBe(first);
        _folder.Write("a.yaml", "name: a\ntasks: 6\n");
        live.Load();
        _rejected.Count.ShouldBe(2);

        _folder.Workflow("a.yaml", "a", "two");
        live.Load();
        _catalog.Current.Workflows["a"].Version.ShouldNotBe(first);
        _catalog.Current.Problems.ShouldBeEmpty();

        File.Delete(_folder.At("a.yaml"));
        live.Load();
        Names.ShouldBe("");
    }

    [Fact]
    public async Task Of_two_files_with_one_name_the_first_in_force_keeps_it()
    {
        _folder.Workflow("b.yaml", "same", "one");
        await using var live = Live();
        live.Load();
        var late = _folder.Workflow("a.yaml", "same", "two");
        live.Load();
        _catalog.Current.Workflows["same"].Origin.ShouldBe(_folder.At("b.yaml"));
        _rejected.ShouldHaveSingleItem().Origin.ShouldBe(late);
        _rejected[0].Problems.ShouldHaveSingleItem().Code.ShouldBe(ProblemCodes.DuplicateName);

        File.Delete(_folder.At("b.yaml"));
        live.Load();
        _catalog.Current.Workflows["same"].Origin.ShouldBe(late);
    }

    [Fact]
    public async Task A_renamed_workflow_that_collides_keeps_its_old_name_in_force()
    {
        _folder.Workflow("a.yaml", "a");
        _folder.Workflow("b.yaml", "b");
        await using var live = Live();
        live.Load();
        _folder.Workflow("b.yaml", "a");
        live.Load();
        Names.ShouldBe("a b");
        _folder.Workflow("b.yaml", "c");
        live.Load();
        Names.ShouldBe("a c");
    }

    [Fact]
    public async Task A_folder_that_vanishes_is_a_problem_and_not_a_deletion()
    {
        _folder.Workflow("in/a.yaml", "a");
        await using var live = new LiveDefinitions(_catalog, [_folder.At("in")], null, null, _clock, NullLogger<LiveDefinitions>.Instance);
        live.Load();
        Directory.Move(_folder.At("in"), _folder.At("away"));
        live.Load();
        Names.ShouldBe("a");
        _catalog.Current.Problems[_folder.At("in")].ShouldHaveSingleItem().Remedy.ShouldContain("Orchestrator:Workflows:Path");
        Directory.Move(_folder.At("away"), _folder.At("in"));
        live.Load();
        _catalog.Current.Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_change_is_seen_by_looking_every_five_seconds()
    {
        await using var live = Live();
        live.Load();
        live.Follow();
        var changed = new TaskCompletionSource();
        _catalog.Changed += _ => changed.TrySetResult();
        _folder.Workflow("a.yaml", "a");
        _clock.Fire(LiveDefinitions.LookEvery);
        await changed.Task;
        Names.ShouldBe("a");
    }

    [Fact]
    public async Task Unchanged_files_keep_their_very_definition_and_change_nothing()
    {
        _folder.Workflow("a.yaml", "a");
        await using var live = Live();
        live.Load();
        var before = (_catalog.Current, _catalog.Find("a"));
        _catalog.Changed += _ => throw new InvalidOperationException("Nothing changed.");
        live.Load();
        (_catalog.Current, _catalog.Find("a")).ShouldBe(before);
    }

    [Fact]
    public async Task Inline_workflows_are_reread_when_the_configuration_reloads()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Orchestrator:Workflows:Inline:a:tasks:0:id"] = "x",
            ["Orchestrator:Workflows:Inline:a:tasks:0:run"] = "one",
        }).Build();
        await using var live = Live(configuration);
        live.Load();
        live.Follow();
        var looked = new TaskCompletionSource();
        live.Looked += () => looked.TrySetResult();
        configuration["Orchestrator:Workflows:Inline:a:tasks:0:run"] = "two";
        configuration.Reload();
        await looked.Task;
        _catalog.Find("a")!.Tasks[0].Action.ShouldBe(new RunAction("two"));
    }
}
