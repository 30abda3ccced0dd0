using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines.Faces;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Runs;

/// <summary>A run that adds a face to a gallery.</summary>
internal static class EnrolJob
{
    /// <summary>Runs it; the code to exit with.</summary>
    public static int Run(PipelineEntry entry, string source, string model, string finder, string name, PipelineOptions options, long limit)
    {
        FaceGallery.CheckName(name);
        string path = options.Gallery ?? throw new EdgeException(ErrorCode.BadUsage, "--enrol needs --gallery.", $"Name the file that faces are kept in: edgert run {entry.Name} --source S --gallery FILE --enrol NAME.");
        using var interrupt = new Interrupt();
        using FrameSource frames = FrameSource.Open(source, stop: interrupt.Token);
        using var models = new RunModels(interrupt.Token);
        FaceGallery? gallery = File.Exists(path) ? FaceGallery.Read(path) : null;
        using FaceRecognizer recognizer = RecognizePipeline.Open(models.Load(model), gallery, options with { Finder = models.Load(finder) });
        var run = new EnrolRun(frames, recognizer, gallery ?? recognizer.NewGallery(), name);
        run.Run(limit, interrupt.Token);
        if (run.Added > 0) run.Gallery.Write(path);
        foreach (string note in run.Notes) Console.Error.WriteLine(note);
        Console.Out.WriteLine($"enrolled {name}: {Quantity.Of(run.Added, "face")} of {Quantity.Of(run.Frames, "frame")}");
        Console.Out.WriteLine($"saved    {path}: {Quantity.Of(run.Gallery.Names.Count, "person")}, {Quantity.Of(run.Gallery.Count, "face")}");
        return interrupt.IsRequested ? ExitCode.Interrupted : ExitCode.Done;
    }
}
