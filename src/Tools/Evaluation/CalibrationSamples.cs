using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tools.Demo;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>Opens the samples that a model is calibrated on.</summary>
internal static class CalibrationSamples
{
    private const string Picture = "astronaut.png";

    /// <summary>Side and number of the pieces that are cut out of the sample picture.</summary>
    private const int Side = 384, Pieces = 32;

    /// <summary>What the user names, or else what the project has for the model.</summary>
    /// <exception cref="EdgeException">It cannot be read, or there is nothing.</exception>
    public static SampleSet Open(EdgeModel model, string? source)
    {
        if (source is not null) return new PictureSamples(model, source);
        string what = model.Metadata.Image is not null ? "a folder with 64 or more pictures" : model.Metadata.Sound is not null ? "a folder with sound" : "a folder with .npz files, an array for each input";
        // A sample picture shows a face: what faces are looked for in can be calibrated on pieces of it, and other models cannot.
        if (model.Metadata.Task == "face-detection" && ModelZoo.Default.Shipped(Picture) is { } path)
        {
            var picture = new Frame();
            using (FrameSource file = FrameSource.Open(path)) file.Read(picture);
            using var pieces = new MovingCrop(picture, Side, Pieces, rate: 25);
            return new PictureSamples(model, pieces, $"{Pieces} pieces of {Picture}");
        }
        throw new EdgeException(ErrorCode.BadUsage, $"Quantizing '{model.Metadata.Name}' needs samples of what it will see, and the project has none for it.", $"Give {what} like the real ones with --calibrate.");
    }
}
