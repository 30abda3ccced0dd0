namespace EdgeRuntime.Pipelines;

/// <summary>How long the stages of one frame took.</summary>
/// <param name="Preprocess">From the picture to the model's input; where the model's device does that, the way of the frame to it.</param>
/// <param name="Inference">The model, and the preprocessing where its device does it.</param>
/// <param name="Decode">From the model's outputs to results.</param>
public readonly record struct StageTimes(TimeSpan Preprocess, TimeSpan Inference, TimeSpan Decode)
{
    /// <summary>All stages together.</summary>
    public TimeSpan Total => Preprocess + Inference + Decode;
}
