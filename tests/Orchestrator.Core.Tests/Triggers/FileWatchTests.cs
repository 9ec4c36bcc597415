using System.Globalization;
using Orchestrator.Core.Triggers.Files;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Triggers;

public sealed class FileWatchTests
{
    private static readonly TimeSpan Stable = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("inbox/*.csv", "inbox", "a.csv", true)]
    [InlineData("inbox/*.csv", "inbox", "a.txt", false)]
    [InlineData("inbox/*.csv", "inbox", "sub/a.csv", false)]
    [InlineData("inbox/*.csv", "inbox", ".a.csv", false)]
    [InlineData("inbox/.*", "inbox", ".a", true)]
    [InlineData("/srv/in/**/*.csv", "/srv/in", "a.csv", true)]
    [InlineData("/srv/in/**/*.csv", "/srv/in", "x/y/a.csv", true)]
    [InlineData("/srv/in/**/*.csv", "/srv/in", "x/.y/a.csv", false)]
    [InlineData("*/done.flag", "", "a/done.flag", true)]
    [InlineData("*/done.flag", "", "done.flag", false)]
    [InlineData("../in/day-??/x", "../in", "day-01/x", true)]
    [InlineData("one.txt", "", "one.txt", true)]
    [InlineData("./a/./b.txt", "a", "b.txt", true)]
    [InlineData("**/a/**/b", "", "x/a/y/z/b", true)]
    [InlineData("**/a/**/b", "", "x/y/b", false)]
    public void A_pattern_is_a_folder_and_what_fits_below_it(string pattern, string folder, string file, bool fits)
    {
        var read = PathPattern.Read(pattern, out var problem).ShouldNotBeNull(problem);
        read.Folder.ShouldBe(folder);
        read.Fits(file).ShouldBe(fits);
        if (fits && file.LastIndexOf('/') is > 0 and var slash) read.CanHold(file[..slash]).ShouldBeTrue();
    }

    [Theory]
    [InlineData("inbox/*.csv", "sub", false)]
    [InlineData("*/x", "a", true)]
    [InlineData("*/x", "a/b", false)]
    [InlineData("a*/**/x", "b", false)]
    [InlineData("a*/**/x", "ab/c/d", true)]
    public void Only_folders_that_can_hold_something_are_looked_into(string pattern, string folder, bool can) => PathPattern.Read(pattern, out _)!.CanHold(folder).ShouldBe(can);

    [Fact]
    public void A_file_counts_once_it_has_been_the_same_for_long_enough()
    {
        var (watch, a) = (FileWatch.Of([]), File("a", 1));
        watch = Look(watch, 0, [a], ripe: [], next: 10);
        watch = Look(watch, 9, [a], ripe: [], next: 10);
        var grown = File("a", 2);
        watch = Look(watch, 9.5, [grown], ripe: [], next: 19.5);
        watch = Look(watch, 19, [grown], ripe: [], next: 19.5);
        watch = Look(watch, 19.5, [grown], ripe: ["a"], next: null);
        watch = Look(watch.Took(grown), 30, [grown], ripe: [], next: null);
        watch = Look(watch, 31, [], ripe: [], next: null);
        watch = Look(watch, 32, [grown], ripe: [], next: null);   // it came back as it was
        Look(watch, 33, [File("a", 2, seconds: 5)], ripe: [], next: 43);
    }

    [Fact]
    public void One_that_vanishes_begins_anew()
    {
        var watch = Look(FileWatch.Of([]), 0, [File("a", 1)], ripe: [], next: 10);
        watch = Look(watch, 5, [], ripe: [], next: null);
        Look(watch, 11, [File("a", 1)], ripe: [], next: 21);
    }

    [Fact]
    public void Those_written_first_come_first_and_what_was_not_taken_comes_again()
    {
        FoundFile[] files = [File("b", 1, seconds: 1), File("a", 1, seconds: 1), File("c", 1)];
        var watch = Look(FileWatch.Of([]), 0, files, ripe: [], next: 10);
        watch = Look(watch, 10, files, ripe: ["c", "a", "b"], next: null);
        watch = watch.Took(files[2]).Refused(files[1]);
        watch = Look(watch, 11, files, ripe: ["b"], next: null);
        Look(FileWatch.Of(watch.Known), 12, files, ripe: [], next: 22);   // a restart: the one that was refused is looked at again
        FileWatch.Of(watch.Known).Look(files, TimeSpan.Zero, TimeSpan.Zero).Ripe.Select(f => f.Path).ShouldBe(["a", "b"]);
    }

    [Fact]
    public void What_is_remembered_is_bounded_and_never_forgets_a_file_that_is_there()
    {
        var there = File("there", 1);
        var watch = FileWatch.Of([there.Fingerprint]);
        for (var i = 0; i < FileWatch.MaxKnown + 100; i++) watch = watch.Took(File(i.ToString(CultureInfo.InvariantCulture), 1));
        watch = watch.Look([there], Stable, TimeSpan.Zero).Watch;
        watch.Known.Count.ShouldBe(FileWatch.MaxKnown);
        watch.Look([there], Stable, TimeSpan.Zero).Next.ShouldBeNull();
    }

    [Fact]
    public void Deliveries_are_named_by_path_or_content()
    {
        File("a.csv", 1).DeliveryId(null).ShouldStartWith("a.csv@");
        File("a.csv", 1).DeliveryId("ab").ShouldBe("sha256:ab");
        File(new string('x', 300), 1).DeliveryId(null).ShouldStartWith("file:");
        File("a\nb", 1).DeliveryId(null).ShouldStartWith("file:");
        File("a", 1).DeliveryId(null).ShouldNotBe(File("a", 2).DeliveryId(null));
        var facts = File("x/a b.csv", 7).ToFacts(new() { Id = "in" }, "/srv", "ab", TriggerBench.Start).GetProperty("file");
        (facts.GetProperty("path").GetString(), facts.GetProperty("name").GetString(), facts.GetProperty("relative").GetString(), facts.GetProperty("size").GetInt64()).ShouldBe(("/srv/x/a b.csv", "a b.csv", "x/a b.csv", 7));
    }

    private static FoundFile File(string path, long size, double seconds = 0) => new(path, size, TriggerBench.Start.AddSeconds(seconds));

    private static FileWatch Look(FileWatch watch, double at, FoundFile[] found, string[] ripe, double? next)
    {
        var look = watch.Look(found, Stable, TimeSpan.FromSeconds(at));
        look.Ripe.Select(f => f.Path).ShouldBe(ripe);
        look.Next?.TotalSeconds.ShouldBe(next!.Value);
        if (next is null) look.Next.ShouldBeNull();
        return look.Watch;
    }
}
