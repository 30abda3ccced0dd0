using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Pipelines;

/// <summary>Finds faces, with a model whose metadata says face-detection.</summary>
/// <param name="model">The model; it must outlive the detector.</param>
/// <param name="options">Threshold and threads, or null for what the model file says.</param>
/// <exception cref="EdgeException">The model is for another task, or cannot run.</exception>
public sealed class FaceDetector(EdgeModel model, FaceDetectorOptions? options = null)
    : PictureDetector(model, Task, "Use a face detector of the zoo, such as blazeface-front.", options ?? new FaceDetectorOptions())
{
    /// <summary>The task its models declare.</summary>
    public const string Task = "face-detection";

    /// <inheritdoc/>
    public override string Name => "face-detect";
}
