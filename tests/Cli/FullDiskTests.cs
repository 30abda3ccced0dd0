using System.Diagnostics;
using EdgeRuntime.Tests.Media;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Media;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>Results that are written to a disk without room: a tmpfs of some kilobytes, mounted for one process.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly MediaFiles files = new();
    private readonly string disk;

    public FullDiskTests()
    {
        MediaFiles.NeedFfmpeg();
        disk = Directory.CreateDirectory(files["disk"]).FullName;
        Assert.SkipUnless(OperatingSystem.IsLinux() && CanMount(), "no tmpfs can be mounted here (unshare --map-root-user --mount)");
    }

    public void Dispose() => files.Dispose();

    [Theory]
    [InlineData("a.mp4", false)]
    [InlineData("a.mp4", true)]
    [InlineData("pictures", false)]
    [InlineData("pictures", true)]
    public void A_video_or_a_picture_that_finds_no_room_is_named_and_leaves_nothing_half(string save, bool realtime)
    {
        (Result run, string[] left) = Run("200k", ["run", "face-detect", "--source", Video(), "--model", Faces(), "--backend", "cpu", "--save", Path.Combine(disk, save), .. realtime ? (string[])["--realtime"] : []]);
        Assert.True(run.ExitCode == ExitCode.BadInput, run.Errors);
        Assert.Contains("error EDGE", run.Errors);
        Assert.Contains(save == "pictures" ? "frame_" : "a.mp4", run.Errors);
        Assert.Contains("No space left on device", run.Errors);
        Assert.Contains(realtime ? "captured = " : "read, ", run.Output + run.Errors);
        Assert.DoesNotContain("   at ", run.Errors);
        Assert.DoesNotContain(left, name => name.EndsWith(".mp4", StringComparison.Ordinal) || name.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Lines_that_find_no_room_end_the_run_with_its_totals(bool realtime)
    {
        Result run = Edgert.RunThrough(["sh", "-c", "exec \"$@\" > /dev/full", "sh"], ["run", "face-detect", "--source", Video(), "--model", Faces(), "--backend", "cpu", "--json", .. realtime ? (string[])["--realtime"] : []]);
        Assert.True(run.ExitCode == ExitCode.BadInput, run.Errors);
        Assert.Contains("standard output cannot be written: No space left on device", run.Errors);
        Assert.Contains(realtime ? "captured = " : "read, ", run.Errors);
    }

    [Fact]
    public void A_recording_that_finds_no_room_ends_early_and_the_run_goes_on()
    {
        string pictures = Directory.CreateDirectory(files["in"]).FullName, kept = files["kept.rec"], recording = Path.Combine(disk, "a.rec");
        for (int i = 0; i < 6; i++) PngWriter.Write(Path.Combine(pictures, $"{i}.png"), MediaFiles.RandomFrame(i, 160, 120));
        (Result run, _) = Run("100k", ["run", "face-detect", "--source", pictures, "--model", Faces(), "--backend", "cpu", "--record", recording], $"cp '{recording}' '{kept}'");
        Assert.True(run.ExitCode == ExitCode.BadInput, run.Errors);
        Assert.Contains("a.rec", run.Errors);
        Assert.Contains("No space left on device", run.Errors);
        Assert.Contains("6 frames read, 6 results, 0 missing", run.Errors);
        Result replay = Edgert.Run("replay", kept);
        Assert.True(replay.ExitCode == ExitCode.Done, replay.Errors);
        Assert.Contains("did not come to its end", replay.Errors);
        Assert.Contains(" 0 different", replay.Output);
    }

    [Fact]
    public void Captions_and_sound_that_find_no_room_are_named()
    {
        string speech = Repository.Data("speech", "goforward.wav"), model = Repository.Data("models", "gtcrn.onnx");
        (Result run, string[] left) = Run("16k", ["run", "enhance", "--source", speech, "--model", model, "--backend", "cpu", "--save", Path.Combine(disk, "clean.wav")]);
        Assert.True(run.ExitCode == ExitCode.BadInput, run.Errors);
        Assert.Contains("clean.wav", run.Errors);
        Assert.Contains("No space left on device", run.Errors);
        Assert.Empty(left);
    }

    private bool CanMount()
    {
        string[] command = [.. Mounted("64k"), "true"];
        using Process tried = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        tried.WaitForExit();
        return tried.ExitCode == 0;
    }

    private static string Faces()
    {
        string? model = ModelZoo.Default.Shipped("blazeface-front.edge") ?? ModelCache.Default.Find(ModelZoo.Default.Get("blazeface-front"));
        Assert.SkipWhen(model is null, "no face model on this machine: `edgert models pull blazeface-front` fetches it");
        return model;
    }

    private string Video() => files.Make("noise.mkv", "-f", "lavfi", "-i", "nullsrc=s=320x240:r=25,geq=random(1)*255:128:128", "-frames:v", "50", "-c:v", "mpeg2video", "-q:v", "2");

    /// <summary>What it said, and what was on the disk in the end.</summary>
    private (Result Run, string[] Left) Run(string size, string[] arguments, string after = ":")
    {
        Result run = Edgert.RunThrough(Mounted(size, after), arguments);
        return (run, File.ReadAllLines(files["left"]));
    }

    private string[] Mounted(string size, string after = ":") =>
        ["unshare", "--map-root-user", "--mount", "sh", "-c", $"mount -t tmpfs -o size={size} none '{disk}' || exit 99; \"$@\"; code=$?; ls -A '{disk}' > '{files["left"]}'; {after}; exit $code", "sh"];
}
