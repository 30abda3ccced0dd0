using EdgeRuntime.Format;
using EdgeRuntime.Tools.Devices;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Demo;

/// <summary>The demo's report, one page.</summary>
internal static class DemoReport
{
    /// <summary>Writes the page, whole or not at all.</summary>
    public static void Write(string path, DemoRun demo, ThisMachine machine) =>
        AtomicFile.Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(Page(demo, machine).ToString())));

    private static HtmlPage Page(DemoRun demo, ThisMachine machine)
    {
        ModelMetadata model = demo.Model.Model.Metadata;
        var page = new HtmlPage("EdgeRuntime: faces in a picture and a video");
        page.Quiet($"{machine.Processor} ({machine.Architecture}, {machine.Cores} cores: {string.Join(", ", machine.InstructionSets)}), {machine.System}, .NET {machine.Runtime}");
        page.Text($"{Quantity.Of(demo.Faces.Length, "face")} found in the picture, faces in {demo.Frames.FramesWithDetections} of {demo.Frames.Results} video frames; "
            + $"median {LatencySummary.Text(demo.Frames.CaptureToResult.Summarize().MedianMs)} ms from decoded frame to result.");

        page.Heading("Picture");
        page.Pictures((File.ReadAllBytes(demo.PicturePath), "Box and six key points: eyes, nose, mouth, ears."));
        page.Table(["", "score", "x", "y", "width", "height"], demo.Faces.Select((face, i) => new[]
        {
            $"{demo.Labels[face.Label]} {i + 1}", $"{face.Score:0.000}", $"{face.X:0.0}", $"{face.Y:0.0}", $"{face.Width:0.0}", $"{face.Height:0.0}",
        }), firstNumber: 1);

        page.Heading("Video");
        page.Text(demo.WhyNoVideo ?? demo.Source);
        page.Pictures([.. demo.Stills]);
        if (demo.VideoPath is { } video) page.Link("The annotated video", Path.GetFileName(video));

        page.Heading("Latency");
        page.Quiet($"In milliseconds, over {demo.Frames.Results} frames after a warm-up. Reading, drawing and encoding of the video are not included.");
        page.Table(["stage", .. LatencySummary.Columns], demo.Frames.Stages.Append(demo.Frames.CaptureToResult).Select(s => (string[])[s.Title, .. s.Summarize().Cells()]), firstNumber: 1);
        page.Chart(Charts.Parts("parts of the latency", [.. demo.Frames.Stages.Select(s => (s.Title, s.Summarize().MedianMs))], ms => $"{LatencySummary.Text(ms)} ms"));
        LatencySamples whole = demo.Frames.CaptureToResult;
        double median = whole.Summarize().MedianMs;
        if (whole.Count > 0) page.Chart(Charts.Histogram("histogram of the latency", whole.Values, "ms", (median, $"median {LatencySummary.Text(median)} ms")));

        page.Heading("Model");
        page.Text($"{model.Name}: {demo.Model.Story}.");
        page.Table(["", ""],
        [
            ["source", model.Source], ["SHA-256 of the source", model.SourceSha256], ["licence of the weights", model.License], ["converter", model.Converter],
            ["file", $"{Path.GetFileName(demo.Model.Path)}, {new FileInfo(demo.Model.Path).Length:N0} bytes"],
        ]);

        page.Heading("What ran where");
        page.Preformatted(demo.Explain());
        return page;
    }
}
