using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines.Faces;

namespace EdgeRuntime.Tools.Runs;

/// <summary>The pipeline <c>face-recognize</c>.</summary>
internal static class RecognizePipeline
{
    /// <summary>Makes it, with the gallery that was named.</summary>
    public static FramePipeline Create(EdgeModel model, PipelineOptions options)
    {
        string path = options.Gallery ?? throw new EdgeException(ErrorCode.BadUsage, "face-recognize needs --gallery.", "Make one: `edgert run face-recognize --source PICTURE --gallery FILE --enrol NAME`.");
        FaceGallery gallery = FaceGallery.Read(path);
        if (gallery.Count == 0) throw new EdgeException(ErrorCode.InputMismatch, $"The gallery '{path}' is empty.", "Enrol somebody: `edgert run face-recognize --source PICTURE --gallery FILE --enrol NAME`.");
        FaceRecognizer recognizer = Open(model, gallery, options);
        return new CropPipeline(recognizer, recognizer.Labels);
    }

    /// <summary>The recognizer alone.</summary>
    public static FaceRecognizer Open(EdgeModel model, FaceGallery? gallery, PipelineOptions options) => new(options.Finder!, model, gallery,
        new FaceRecognizerOptions(options.Session) { LeastLikeness = options.ScoreThreshold, Follows = options.Follows, Smooths = options.Smooths });
}
